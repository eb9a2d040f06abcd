export const piece7 = 7;
