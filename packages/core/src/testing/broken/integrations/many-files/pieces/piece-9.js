export const piece9 = 9;
