export const piece0 = 0;
