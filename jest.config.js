// Jest in native ESM: Node's own TypeScript stripping is not available inside Jest's module loader, so swc strips the types.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
  },
  // Not in the temporary directory, which goes when the tests have ended.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  modulePathIgnorePatterns: ['<rootDir>/controller/web/dist'],
  testTimeout: 20_000,
  // One more than the two cores that a run may have: most tests wait for their sockets most of the time.
  maxWorkers: 3,
};
