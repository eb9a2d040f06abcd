export const piece11 = 11;
