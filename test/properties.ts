import fc from 'fast-check';

/**
 * fast-check with a seed of our own, so that two runs of the tests try the same cases and what lands is what was tried.
 * `RELIGHT_PROPERTY_SEED=N` tries others.
 */
fc.configureGlobal({ seed: Number(process.env.RELIGHT_PROPERTY_SEED ?? 1) });

export default fc;
