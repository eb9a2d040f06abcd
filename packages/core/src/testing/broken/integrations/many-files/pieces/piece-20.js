export const piece20 = 20;
