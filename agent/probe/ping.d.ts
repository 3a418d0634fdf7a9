/** The two parts of node-ping 1.0.0 that are used; its own types are reached by its main module alone. */
declare module 'ping/lib/builder/factory.js' {
  type Config = { timeout: number; deadline: false; min_reply: number; sourceAddr: string; extra: string[] };
  const factory: {
    createBuilder(platform: 'linux'): { getCommandArguments(address: string, config: Config): string[] };
  };
  export default factory;
}

declare module 'ping/lib/parser/factory.js' {
  /** A figure is `unknown` where the output has none. */
  type Result = { times: number[]; avg: string; packetLoss: string };
  type Parser = { eat(line: string): Parser; getResult(): Result };
  const factory: { createParser(address: string, platform: 'linux'): Parser };
  export default factory;
}
