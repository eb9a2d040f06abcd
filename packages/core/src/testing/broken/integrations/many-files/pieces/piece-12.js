export const piece12 = 12;
