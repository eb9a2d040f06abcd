import { testIntegration } from "@tenon/core/testing";
import { test } from "vitest";

testIntegration({ test, package: new URL("..", import.meta.url) });
