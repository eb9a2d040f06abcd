export const piece4 = 4;
