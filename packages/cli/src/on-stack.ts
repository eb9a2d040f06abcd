/** A command to type next, on the stack that this one was told to use. */
export function onStack(command: string, { stack }: { readonly stack?: string | undefined }): string {
  return stack === undefined
    ? command
    : `${command} --stack ${/^[\w.-]+$/.test(stack) ? stack : JSON.stringify(stack)}`;
}
