export const piece14 = 14;
