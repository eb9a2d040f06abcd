import type { Command } from "commander";
import { addCommand } from "../command.js";

export function addDoctorCommand(program: Command): void {
  addCommand(program, {
    usage: "doctor",
    aliases: ["check"],
    summary: "Look for what could keep pipelines from running here, and say how to mend it",
    examples: ["tenon doctor", "tenon doctor --json"],
    json: true,
    stack: true,
    run: async (invocation) => (await import("./doctor-checks.js")).runDoctor(invocation),
  });
}
