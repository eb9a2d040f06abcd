export const piece16 = 16;
