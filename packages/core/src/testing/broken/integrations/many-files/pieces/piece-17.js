export const piece17 = 17;
