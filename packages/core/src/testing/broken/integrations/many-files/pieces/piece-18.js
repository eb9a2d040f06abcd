export const piece18 = 18;
