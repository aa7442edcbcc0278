/** Are both types the same in fields, their types, and whether they may be absent? Intersections and readonly do not count. */
export type Same<Left, Right> = Identical<Flat<Left>, Flat<Right>>;

type Flat<T> = T extends readonly (infer Item)[]
  ? readonly Flat<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Flat<T[Key]> }
    : T;

type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
