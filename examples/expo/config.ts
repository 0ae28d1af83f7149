/** Expo writes the values of `.env` in place of these names. */
export const config = {
  headcount: process.env.EXPO_PUBLIC_HEADCOUNT ?? "",
  publicKey: process.env.EXPO_PUBLIC_HEADCOUNT_KEY ?? "",
  backend: process.env.EXPO_PUBLIC_BACKEND ?? "",
};
