/* Executes the instructions of AVX-512 that nnlab's machine code is made of on a processor with AVX2.
 *
 * Such a processor raises SIGILL at each of them. The handler decodes the instruction, does it on registers in memory, and
 * goes on with those behind it, the general ones between them included, until one that the processor has itself ends the
 * function. Whatever nnlab does not emit ends the process with its bytes.
 *
 * Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, section 2.7 (EVEX).
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

typedef union {
  __m256i half[2];
  float f[16];
  int32_t i[16];
  uint32_t u[16];
} Vector;

static __thread Vector vectors[32];
static __thread uint16_t masks[8];

/* The general registers of a thread by the numbers that instructions give them. */
static const int NUMBERS[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
enum { ZERO_FLAG = 0x40 };

__attribute__((noreturn)) static void refuse(const uint8_t *code, const char *why) {
  fprintf(stderr, "avx512-emulator: %s:", why);
  for (int i = 0; i < 16; i++) fprintf(stderr, " %02x", code[i]);
  fprintf(stderr, "\n");
  abort();
}

/* An operation by map, prefix and opcode. */
#define OP(map, prefix, opcode) ((map) << 12 | (prefix) << 8 | (opcode))
enum { MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3, NO_PREFIX = 0, PREFIX_66 = 1, PREFIX_F3 = 2 };
enum {
  LOAD = OP(MAP_0F, NO_PREFIX, 0x10),
  STORE = OP(MAP_0F, NO_PREFIX, 0x11),
  UNPACK_LOW = OP(MAP_0F, NO_PREFIX, 0x14),
  UNPACK_HIGH = OP(MAP_0F, NO_PREFIX, 0x15),
  MOVE = OP(MAP_0F, NO_PREFIX, 0x28),
  SQUARE_ROOT = OP(MAP_0F, NO_PREFIX, 0x51),
  ADD = OP(MAP_0F, NO_PREFIX, 0x58),
  MULTIPLY = OP(MAP_0F, NO_PREFIX, 0x59),
  FROM_INTEGERS = OP(MAP_0F, NO_PREFIX, 0x5b),
  SUBTRACT = OP(MAP_0F, NO_PREFIX, 0x5c),
  MINIMUM = OP(MAP_0F, NO_PREFIX, 0x5d),
  DIVIDE = OP(MAP_0F, NO_PREFIX, 0x5e),
  MAXIMUM = OP(MAP_0F, NO_PREFIX, 0x5f),
  COMPARE = OP(MAP_0F, NO_PREFIX, 0xc2),
  SHUFFLE_TWO = OP(MAP_0F, NO_PREFIX, 0xc6),
  SHUFFLE = OP(MAP_0F, PREFIX_66, 0x70),
  SHIFT = OP(MAP_0F, PREFIX_66, 0x72),
  AND = OP(MAP_0F, PREFIX_66, 0xdb),
  AND_NOT = OP(MAP_0F, PREFIX_66, 0xdf),
  OR = OP(MAP_0F, PREFIX_66, 0xeb),
  XOR = OP(MAP_0F, PREFIX_66, 0xef),
  MULTIPLY_EVEN = OP(MAP_0F, PREFIX_66, 0xf4),
  SUBTRACT_INTEGERS = OP(MAP_0F, PREFIX_66, 0xfa),
  ADD_INTEGERS = OP(MAP_0F, PREFIX_66, 0xfe),
  DUPLICATE_ODD = OP(MAP_0F, PREFIX_F3, 0x16),
  TO_INTEGERS = OP(MAP_0F, PREFIX_F3, 0x5b),
  BROADCAST = OP(MAP_0F38, PREFIX_66, 0x18),
  MULTIPLY_LOW = OP(MAP_0F38, PREFIX_66, 0x40),
  MULTIPLY_TO = OP(MAP_0F38, PREFIX_66, 0xa8),
  ADD_TO = OP(MAP_0F38, PREFIX_66, 0xb8),
  NEAREST = OP(MAP_0F3A, PREFIX_66, 0x08),
  TERNARY = OP(MAP_0F3A, PREFIX_66, 0x25),
};

static int has_immediate(int op) {
  return op == COMPARE || op == SHUFFLE_TWO || op == SHUFFLE || op == SHIFT || op == NEAREST || op == TERNARY;
}

/* True of operations whose second register must be none. */
static int has_one_source(int op) {
  return op == LOAD || op == STORE || op == MOVE || op == SQUARE_ROOT || op == FROM_INTEGERS || op == TO_INTEGERS ||
         op == BROADCAST || op == SHUFFLE || op == DUPLICATE_ODD || op == NEAREST;
}

/* The 256-bit instruction on both halves: in assembly, since compilers swap operands, which changes the bits of NaN. */
#define ON_HALVES(...)                                            \
  do {                                                            \
    for (int h = 0; h < 2; h++) __asm__(__VA_ARGS__);             \
    return to;                                                    \
  } while (0)
#define UNARY(name) ON_HALVES(name " %1, %0" : "=x"(to.half[h]) : "x"(y.half[h]))
#define BINARY(name) ON_HALVES(name " %2, %1, %0" : "=x"(to.half[h]) : "x"(x.half[h]), "x"(y.half[h]))
#define MULTIPLY_ADD(name) ON_HALVES(name " %2, %1, %0" : "+x"(to.half[h]) : "x"(x.half[h]), "x"(y.half[h]))
#define LANES for (int i = 0; i < 16; i++)

/* The result of an operation on x, y and what the target holds. */
static Vector result_of(int op, Vector x, Vector y, Vector sum, int immediate, int extension, const uint8_t *code) {
  Vector to = sum;
  switch (op) {
    case LOAD:
    case MOVE:
    case BROADCAST:
      return y;
    case ADD: BINARY("vaddps");
    case SUBTRACT: BINARY("vsubps");
    case MULTIPLY: BINARY("vmulps");
    case DIVIDE: BINARY("vdivps");
    case MINIMUM: BINARY("vminps");
    case MAXIMUM: BINARY("vmaxps");
    case SQUARE_ROOT: UNARY("vsqrtps");
    case FROM_INTEGERS: UNARY("vcvtdq2ps");
    case TO_INTEGERS: UNARY("vcvttps2dq");
    case ADD_TO: MULTIPLY_ADD("vfmadd231ps");
    case MULTIPLY_TO: MULTIPLY_ADD("vfmadd213ps");
    case AND: BINARY("vpand");
    case AND_NOT: BINARY("vpandn");
    case OR: BINARY("vpor");
    case XOR: BINARY("vpxor");
    case ADD_INTEGERS: BINARY("vpaddd");
    case SUBTRACT_INTEGERS: BINARY("vpsubd");
    case MULTIPLY_EVEN: BINARY("vpmuludq");
    case MULTIPLY_LOW: BINARY("vpmulld");
    case UNPACK_LOW: BINARY("vunpcklps");
    case UNPACK_HIGH: BINARY("vunpckhps");
    case DUPLICATE_ODD: UNARY("vmovshdup");
    case NEAREST:
      if (immediate != 8) refuse(code, "a rounding that is not to the nearest");
      UNARY("vroundps $8,");
    case SHIFT:
      LANES {
        if (extension == 2) to.u[i] = y.u[i] >> immediate;
        else if (extension == 4) to.i[i] = y.i[i] >> immediate;
        else if (extension == 6) to.u[i] = y.u[i] << immediate;
        else refuse(code, "a shift of another kind");
      }
      return to;
    case SHUFFLE:
      LANES to.i[i] = y.i[(i & ~3) + (immediate >> 2 * (i & 3) & 3)];
      return to;
    case SHUFFLE_TWO:
      LANES to.i[i] = (i & 2 ? y : x).i[(i & ~3) + (immediate >> 2 * (i & 3) & 3)];
      return to;
    case TERNARY:
      LANES {
        to.u[i] = 0;
        for (int bit = 0; bit < 32; bit++) {
          const int row = (sum.u[i] >> bit & 1) << 2 | (x.u[i] >> bit & 1) << 1 | (y.u[i] >> bit & 1);
          to.u[i] |= (uint32_t)(immediate >> row & 1) << bit;
        }
      }
      return to;
  }
  refuse(code, "an unknown operation");
}

static uint16_t compared(Vector x, Vector y, int predicate, const uint8_t *code) {
  uint16_t mask = 0;
  if (predicate > 2) refuse(code, "an unknown comparison");
  LANES {
    const int holds[] = {x.f[i] == y.f[i], x.f[i] < y.f[i], x.f[i] <= y.f[i]};
    mask |= holds[predicate] << i;
  }
  return mask;
}

/* The operand in memory: a number for all lanes, or the lanes that a mask names; no others are read. */
static Vector operand_at(const uint8_t *address, int spread, uint16_t mask) {
  Vector y = {.i = {0}};
  LANES if (mask >> i & 1) memcpy(&y.i[i], address + (spread ? 0 : 4 * i), 4);
  return y;
}

/* Does the instruction with prefix EVEX at the instruction pointer. */
static void vector_instruction(greg_t *general, const uint8_t *code) {
  const uint8_t *bits = code + 1;
  const int op = OP(bits[0] & 7, bits[1] & 3, code[4]);
  const int wide = bits[1] >> 7, zeroing = bits[2] >> 7, length = bits[2] >> 5 & 3, spread = bits[2] >> 4 & 1;
  const int named = bits[2] & 7, mode = code[5] >> 6, low = code[5] & 7, extension = code[5] >> 3 & 7;
  const int target = extension | (bits[0] & 0x80 ? 0 : 8) | (bits[0] & 0x10 ? 0 : 16);
  const int second = (~(bits[1] >> 3) & 15) | (bits[2] & 8 ? 0 : 16);
  const int base = low | (bits[0] & 0x20 ? 0 : 8);
  const int in_memory = mode != 3;
  const uint16_t mask = named ? masks[named] : 0xffff;
  if ((bits[0] & 8) || !(bits[1] & 4)) refuse(code, "reserved bits");
  if (length != 2) refuse(code, "vectors that have not 512 bits");
  if (wide != (op == MULTIPLY_EVEN)) refuse(code, "lanes of another width");
  if (has_one_source(op) && second != 0) refuse(code, "a second source");
  if (named && op != LOAD && op != STORE && op != TERNARY) refuse(code, "a mask");
  if (named && op != STORE && !zeroing) refuse(code, "lanes that stay as they are");
  if (spread && (!in_memory || op == LOAD || op == STORE || op == BROADCAST)) refuse(code, "spreading");
  if (op == MOVE && in_memory) refuse(code, "memory that must be aligned");
  if ((op == BROADCAST || op == STORE) && !in_memory) refuse(code, "a register in place of memory");

  int size = 6;
  uint8_t *address = NULL;
  if (in_memory) {
    if (low == 4 && code[size++] != 0x24) refuse(code, "an index");
    if (mode == 0 && low == 5) refuse(code, "an address relative to the instruction");
    int32_t distance = 0;
    if (mode == 1) distance = (int8_t)code[size++] * (spread || op == BROADCAST ? 4 : 64);
    if (mode == 2) memcpy(&distance, code + size, 4), size += 4;
    address = (uint8_t *)(general[NUMBERS[base]] + distance);
  }
  const int immediate = has_immediate(op) ? code[size++] : 0;
  general[REG_RIP] += size;

  if (op == STORE) {
    LANES if (mask >> i & 1) memcpy(address + 4 * i, &vectors[target].i[i], 4);
    return;
  }
  const Vector y = in_memory ? operand_at(address, spread || op == BROADCAST, op == LOAD ? mask : 0xffff)
                                   : vectors[base | (bits[0] & 0x40 ? 0 : 16)];
  if (op == COMPARE) {
    masks[target & 7] = compared(vectors[second], y, immediate, code);
    return;
  }
  Vector result = result_of(op, vectors[second], y, vectors[target], immediate, extension, code);
  LANES if (!(mask >> i & 1)) result.i[i] = 0;
  vectors[op == SHIFT ? second : target] = result;
}

/* Does a move to a mask register: kmovw. */
static void mask_instruction(greg_t *general, const uint8_t *code) {
  masks[code[4] >> 3 & 7] = (uint16_t)general[NUMBERS[(code[4] & 7) | (code[1] & 0x20 ? 0 : 8)]];
  general[REG_RIP] += 5;
}

static void set_result(greg_t *general, int number, greg_t value) {
  general[NUMBERS[number]] = value;
  general[REG_EFL] = (general[REG_EFL] & ~ZERO_FLAG) | (value == 0 ? ZERO_FLAG : 0);
}

/* Does an addition, a subtraction or a jump between vector instructions, to save signals; false for all others. */
static int general_instruction(greg_t *general, const uint8_t *code) {
  int32_t value;
  const int number = (code[2] & 7) | (code[0] & 1 ? 8 : 0);
  if ((code[0] & 0xfe) == 0x48 && code[1] == 0x81 && (code[2] >> 6) == 3) {
    const int extension = code[2] >> 3 & 7;
    memcpy(&value, code + 3, 4);
    if (extension != 0 && extension != 5) return 0;
    set_result(general, number, general[NUMBERS[number]] + (extension == 0 ? value : -(greg_t)value));
    general[REG_RIP] += 7;
    return 1;
  }
  if ((code[0] & 0xfa) == 0x48 && code[1] == 0x01 && (code[2] >> 6) == 3) {
    const int from = (code[2] >> 3 & 7) | (code[0] & 4 ? 8 : 0);
    set_result(general, number, general[NUMBERS[number]] + general[NUMBERS[from]]);
    general[REG_RIP] += 3;
    return 1;
  }
  if (code[0] == 0x0f && code[1] == 0x85) {
    memcpy(&value, code + 2, 4);
    general[REG_RIP] += 6 + (general[REG_EFL] & ZERO_FLAG ? 0 : value);
    return 1;
  }
  return 0;
}

static void handle(int signal, siginfo_t *info, void *context) {
  greg_t *general = ((ucontext_t *)context)->uc_mcontext.gregs;
  const uint8_t *first = (const uint8_t *)general[REG_RIP];
  (void)signal, (void)info;
  for (;;) {
    const uint8_t *code = (const uint8_t *)general[REG_RIP];
    if (code[0] == 0x62) vector_instruction(general, code);
    else if (code[0] == 0xc4 && code[3] == 0x92) mask_instruction(general, code);
    else if (code == first) refuse(code, "no instruction of AVX-512");
    else if (!general_instruction(general, code)) return;
  }
}

__attribute__((constructor)) static void install(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &action, NULL);
}
