export const piece19 = 19;
