export const piece3 = 3;
