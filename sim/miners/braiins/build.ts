/** A badge may name the build, as "Antminer S19j Pro 104T (Braiins OS 24.09)" does. */
const BUILD = /\b(2[1-9])\.(\d\d)\b/;
const FIRST_WITH_REST = 2_507;

/** Builds up to 25.05 have gRPC and GraphQL where later ones have REST (protocol sheet, 7.1). */
export function isOld(model: string): boolean {
  const [, year, month] = BUILD.exec(model) ?? [];
  return year !== undefined && Number(`${year}${month}`) < FIRST_WITH_REST;
}
