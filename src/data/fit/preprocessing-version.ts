/** The version of what is saved of the preprocessing; all before are read too. */
export const PREPROCESSING_VERSION = 2
