export const piece8 = 8;
