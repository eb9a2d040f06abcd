export const piece2 = 2;
