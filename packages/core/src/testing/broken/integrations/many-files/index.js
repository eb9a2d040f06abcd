import { sound } from "../parts.js";
import { piece0 } from "./pieces/piece-0.js";
import { piece1 } from "./pieces/piece-1.js";
import { piece2 } from "./pieces/piece-2.js";
import { piece3 } from "./pieces/piece-3.js";
import { piece4 } from "./pieces/piece-4.js";
import { piece5 } from "./pieces/piece-5.js";
import { piece6 } from "./pieces/piece-6.js";
import { piece7 } from "./pieces/piece-7.js";
import { piece8 } from "./pieces/piece-8.js";
import { piece9 } from "./pieces/piece-9.js";
import { piece10 } from "./pieces/piece-10.js";
import { piece11 } from "./pieces/piece-11.js";
import { piece12 } from "./pieces/piece-12.js";
import { piece13 } from "./pieces/piece-13.js";
import { piece14 } from "./pieces/piece-14.js";
import { piece15 } from "./pieces/piece-15.js";
import { piece16 } from "./pieces/piece-16.js";
import { piece17 } from "./pieces/piece-17.js";
import { piece18 } from "./pieces/piece-18.js";
import { piece19 } from "./pieces/piece-19.js";
import { piece20 } from "./pieces/piece-20.js";
import { piece21 } from "./pieces/piece-21.js";

export default sound({
  checkInstallation: () =>
    [
      piece0,
      piece1,
      piece2,
      piece3,
      piece4,
      piece5,
      piece6,
      piece7,
      piece8,
      piece9,
      piece10,
      piece11,
      piece12,
      piece13,
      piece14,
      piece15,
      piece16,
      piece17,
      piece18,
      piece19,
      piece20,
      piece21,
    ].map(String),
});
