export const piece1 = 1;
