export const piece5 = 5;
