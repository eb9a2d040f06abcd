export const piece15 = 15;
