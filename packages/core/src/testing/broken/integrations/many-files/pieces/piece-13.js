export const piece13 = 13;
