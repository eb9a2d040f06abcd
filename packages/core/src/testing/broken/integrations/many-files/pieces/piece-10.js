export const piece10 = 10;
