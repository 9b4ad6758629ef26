export const flow = undefined

throw new RangeError("out of luck")
