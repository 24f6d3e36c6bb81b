/* For functions that must become part of their callers, where the numbers they
 * are called with are constants and their arrays are registers. */
#ifndef MODEL_INLINE_H
#define MODEL_INLINE_H

#define INLINE static inline __attribute__((always_inline))

/* EACH (int i = 0; ...): a loop over the registers of a tile, which must be
 * unrolled; clang does so without being told. */
#ifdef __clang__
#define EACH for
#else
#define EACH _Pragma("GCC unroll 16") for
#endif

#endif
