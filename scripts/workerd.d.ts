declare module "workerd" {
  /** A CommonJS module whose default export is the absolute path of the binary for this machine. */
  const workerd: { default: string };
  export default workerd;
}
