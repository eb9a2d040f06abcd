declare const tokenType: unique symbol;

/** A name under which something of type `T` is registered. Two tokens of one id are the same token. */
export interface Token<T> {
  readonly id: string;
  [tokenType]?(value: T): T;
}

/** @example const clock = token<Clock>("acme/clock"); */
export function token<T>(id: string): Token<T> {
  return Object.freeze({ id });
}

/** The dependency-injection container as plugins see it. */
export interface Container {
  /** Registers a value, replacing what was registered under the token. */
  registerValue<T>(token: Token<T>, value: NoInfer<T>): void;
  /** Registers a factory that is called once, when the token is first resolved. */
  registerFactory<T>(token: Token<T>, factory: (container: Container) => NoInfer<T>): void;
  has(token: Token<unknown>): boolean;
  /** @throws `TOKEN_UNBOUND` */
  resolve<T>(token: Token<T>): T;
}
