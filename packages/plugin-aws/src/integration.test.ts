import { testIntegration } from "@tenon/core/testing";
import { describe, test } from "vitest";

describe("the integration aws", () => {
  testIntegration({ test, package: new URL("..", import.meta.url) });
});
