export const piece6 = 6;
