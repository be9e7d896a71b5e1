export * from "./customer.ts";
export * from "./detail-field.ts";
export * from "./operations.ts";
export * from "./organization.ts";
export * from "./paths.ts";
export * from "./problem.ts";
export * from "./settings.ts";
export * from "./task.ts";
