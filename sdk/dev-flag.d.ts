/**
 * Whether this is the build for development, which says in the console what is wrong. Every build replaces it by `true` or
 * `false`, so that production pays for none of it. Ask `typeof` first: the sources also run unbuilt, where it isn't defined.
 */
declare const __DEV__: boolean;
