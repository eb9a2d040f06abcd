export const piece21 = 21;
