// Which of 64 bytes are of a kind, as bits, the first byte lowest: what Swift cannot ask the vector
// unit for. Each question is written once, in the compiler's vector types; on x86-64 it is compiled for
// the wider vectors of newer processors too, and the processor at hand decides which is used.
#pragma once
#include <stdint.h>
#include <string.h>

/// The bytes that matter inside a JSON string, a bit for each of up to 64 bytes.
typedef struct {
  uint64_t quotes, backslashes, controls, highs;
} string_byte_masks;

/// Whether a byte occurs in a text.
static inline int bytes_contain(const uint8_t *bytes, long count, uint8_t byte) {
  return memchr(bytes, byte, (size_t)count) != 0;
}

/// Whether two texts of one length are the same.
static inline int bytes_equal(const uint8_t *bytes, const uint8_t *others, long count) {
  uint64_t a, b, c, d;
  uint32_t e, f, g, h;
  if (count > 16) return memcmp(bytes, others, (size_t)count) == 0;
  // Two loads that overlap, unless the text is just as long.
  if (count >= 8) {
    memcpy(&a, bytes, 8);
    memcpy(&b, others, 8);
    memcpy(&c, bytes + count - 8, 8);
    memcpy(&d, others + count - 8, 8);
    return ((a ^ b) | (c ^ d)) == 0;
  }
  if (count >= 4) {
    memcpy(&e, bytes, 4);
    memcpy(&f, others, 4);
    memcpy(&g, bytes + count - 4, 4);
    memcpy(&h, others + count - 4, 4);
    return ((e ^ f) | (g ^ h)) == 0;
  }
  for (long place = 0; place < count; place++) {
    if (bytes[place] != others[place]) return 0;
  }
  return 1;
}

/// Copies a text, which is short as a rule, to where there is room for it.
static inline void copy_bytes(uint8_t *to, const uint8_t *bytes, long count) {
  uint64_t first, last;
  uint32_t begin, end;
  if (count > 16) {
    memcpy(to, bytes, (size_t)count);
  } else if (count >= 8) {
    memcpy(&first, bytes, 8);
    memcpy(&last, bytes + count - 8, 8);
    memcpy(to, &first, 8);
    memcpy(to + count - 8, &last, 8);
  } else if (count >= 4) {
    memcpy(&begin, bytes, 4);
    memcpy(&end, bytes + count - 4, 4);
    memcpy(to, &begin, 4);
    memcpy(to + count - 4, &end, 4);
  } else {
    for (long place = 0; place < count; place++) to[place] = bytes[place];
  }
}

typedef uint8_t byte_vector_16 __attribute__((ext_vector_type(16)));
typedef uint8_t byte_vector_64 __attribute__((ext_vector_type(64)));
typedef _Bool bit_vector_16 __attribute__((ext_vector_type(16)));
typedef _Bool bit_vector_64 __attribute__((ext_vector_type(64)));

#define BYTE_MASKS_INLINE static inline __attribute__((always_inline, unused))
#define BITS_16(condition) \
  ((uint64_t)__builtin_bit_cast(uint16_t, __builtin_convertvector(condition, bit_vector_16)))
#define BITS_64(condition) \
  __builtin_bit_cast(uint64_t, __builtin_convertvector(condition, bit_vector_64))

/// Looks at 16 bytes.
static inline string_byte_masks string_masks_16(const uint8_t *bytes) {
  byte_vector_16 block;
  memcpy(&block, bytes, 16);
  const string_byte_masks found = {
    BITS_16(block == '"'), BITS_16(block == '\\'), BITS_16(block < 0x20), BITS_16(block >= 0x80)};
  return found;
}

BYTE_MASKS_INLINE string_byte_masks any_string_masks(const uint8_t *bytes) {
  byte_vector_64 block;
  memcpy(&block, bytes, 64);
  const string_byte_masks found = {
    BITS_64(block == '"'), BITS_64(block == '\\'), BITS_64(block < 0x20), BITS_64(block >= 0x80)};
  return found;
}

BYTE_MASKS_INLINE uint64_t any_escape_letters(const uint8_t *bytes) {
  byte_vector_64 block;
  memcpy(&block, bytes, 64);
  return BITS_64((block == 'n') | (block == 'r') | (block == 't'));
}

BYTE_MASKS_INLINE uint64_t any_separator_leads(const uint8_t *bytes) {
  byte_vector_64 block;
  memcpy(&block, bytes, 64);
  return BITS_64(block == 0xE2);
}

BYTE_MASKS_INLINE uint64_t any_html_stops(const uint8_t *bytes) {
  byte_vector_64 block;
  memcpy(&block, bytes, 64);
  return BITS_64((block == '<') | (block == '>') | (block == '&') | (block == 0xE2));
}

/// Fills a block with the last bytes of a text, fewer than 64, and quotes after them.
static inline const uint8_t *last_block(const uint8_t *bytes, long count, uint8_t block[64]) {
  memset(block, '"', 64);
  memcpy(block, bytes, (size_t)count);
  return block;
}

/// The bytes of a block that a backslash before them escapes.
///
/// Of a row of backslashes every second one is escaped. Adding a bit to a row clears it and sets the
/// bit after it, which tells by the parity of its place how long the row was; rows that begin at an
/// even place are told apart from the others by the constant. Bit 0 of `carry` says whether the first
/// byte belongs to an escape begun in the block before; it is set for the block that follows.
BYTE_MASKS_INLINE uint64_t escaped_bytes(uint64_t backslashes, uint64_t *carry) {
  const uint64_t before = *carry;
  if (backslashes == 0) {
    *carry = 0;
    return before;
  }
  const uint64_t odd = 0xAAAAAAAAAAAAAAAAu;
  const uint64_t potential = backslashes & ~before;
  const uint64_t series = ((potential << 1 | odd) - potential) ^ odd;
  *carry = (series & backslashes) >> 63;
  return series ^ (backslashes | before);
}

/// How far a string was gone through.
typedef struct {
  /// Behind the closing quote; 0 if the string does not end before `block`.
  long end;
  /// The first block in which there is something else than ASCII and usual escapes.
  long block;
  uint64_t carry;
  _Bool has_escapes;
} plain_string;

/// Goes through a string, block by block, up to one with something else in it than ASCII and the usual
/// escapes `\"`, `\\`, `\n`, `\r` and `\t`.
BYTE_MASKS_INLINE plain_string any_plain_string(
  const uint8_t *text, long index, long count, uint64_t carry
) {
  plain_string found = {0, count, 0, 0};
  for (; index < count; index += 64) {
    uint8_t last[64];
    const uint8_t *bytes = text + index;
    if (count - index < 64) { bytes = last_block(bytes, count - index, last); }
    const string_byte_masks masks = any_string_masks(bytes);
    found.block = index;
    found.carry = carry;
    const uint64_t escaped = escaped_bytes(masks.backslashes, &carry);
    const uint64_t stops = (masks.quotes & ~escaped) | masks.controls;
    // All bits if there is no stop.
    const uint64_t before = (stops & (0 - stops)) - 1;
    const uint64_t begun = masks.backslashes & ~escaped & before;
    if (masks.highs & before) { return found; }
    if (begun) {
      uint64_t usual = (masks.quotes | masks.backslashes | any_escape_letters(bytes)) >> 1;
      if (begun >> 63 && index + 64 < count) {
        const uint8_t next = text[index + 64];
        const _Bool is_usual =
          next == 'n' || next == 'r' || next == 't' || next == '"' || next == '\\';
        usual |= (uint64_t)is_usual << 63;
      }
      if (begun & ~usual) { return found; }
      found.has_escapes = 1;
    }
    if (stops) {
      const long stop = index + __builtin_ctzll(stops);
      if (stop < count && text[stop] == '"') { found.end = stop + 1; }
      return found;
    }
  }
  found.block = count;
  return found;
}

/// Which of 64 bytes Go may write otherwise in text that is escaped in any way.
typedef struct {
  uint64_t stops, carry;
} spelling_stops;

/// Stops at escapes that are none of the usual ones, at the first byte of U+2028 and U+2029 and, for
/// HTML, at `<`, `>` and `&`.
BYTE_MASKS_INLINE spelling_stops any_spelling_stops(
  const uint8_t *bytes, uint64_t carry, _Bool is_html
) {
  byte_vector_64 block;
  memcpy(&block, bytes, 64);
  const uint64_t backslashes = BITS_64(block == '\\');
  spelling_stops found = {0, carry};
  const uint64_t begun = backslashes & ~escaped_bytes(backslashes, &found.carry);
  const uint64_t usual = any_escape_letters(bytes) | BITS_64(block == '"') | backslashes;
  // Without a branch, around which compilers take the vectors apart.
  const uint64_t html = any_html_stops(bytes) & (0 - (uint64_t)is_html);
  found.stops = (begun & ~(usual >> 1)) | BITS_64(block == 0xE2) | html;
  return found;
}

/// The first place before `end` at which a pattern of `length` bytes, 1 or more, stands; `end` if there is
/// none.
///
/// The text goes on for `length` bytes after `end` less one.
BYTE_MASKS_INLINE long any_pattern_place(
  const uint8_t *text, long end, const uint8_t *pattern, long length
) {
  long index = 0;
  for (; end - index >= 64; index += 64) {
    byte_vector_64 firsts, lasts;
    memcpy(&firsts, text + index, 64);
    memcpy(&lasts, text + index + length - 1, 64);
    uint64_t places = BITS_64((firsts == pattern[0]) & (lasts == pattern[length - 1]));
    for (; places; places &= places - 1) {
      const long place = index + __builtin_ctzll(places);
      if (memcmp(text + place, pattern, (size_t)length) == 0) { return place; }
    }
  }
  for (; index < end; index++) {
    if (text[index] == pattern[0] && memcmp(text + index, pattern, (size_t)length) == 0) {
      return index;
    }
  }
  return end;
}

#if defined(__x86_64__)
// A function that is compiled for wider vectors cannot become part of one that is not.
#define BYTE_MASKS_FUNCTION(Result, name) \
  static __attribute__((target("avx512bw"), unused)) Result wide_##name(const uint8_t *bytes) { \
    return any_##name(bytes); \
  } \
  static __attribute__((target("avx2"), unused)) Result medium_##name(const uint8_t *bytes) { \
    return any_##name(bytes); \
  } \
  static inline Result name##_64(const uint8_t *bytes) { \
    if (__builtin_cpu_supports("avx512bw")) { return wide_##name(bytes); } \
    if (__builtin_cpu_supports("avx2")) { return medium_##name(bytes); } \
    return any_##name(bytes); \
  }
#define BYTE_MASKS_CARRYING(Result, name) \
  static __attribute__((target("avx512bw"), unused)) Result wide_##name( \
    const uint8_t *bytes, uint64_t carry, _Bool is_html) { \
    return any_##name(bytes, carry, is_html); \
  } \
  static __attribute__((target("avx2"), unused)) Result medium_##name( \
    const uint8_t *bytes, uint64_t carry, _Bool is_html) { \
    return any_##name(bytes, carry, is_html); \
  } \
  static inline Result name##_64(const uint8_t *bytes, uint64_t carry, _Bool is_html) { \
    if (__builtin_cpu_supports("avx512bw")) { return wide_##name(bytes, carry, is_html); } \
    if (__builtin_cpu_supports("avx2")) { return medium_##name(bytes, carry, is_html); } \
    return any_##name(bytes, carry, is_html); \
  }
#define BYTE_MASKS_SCAN(Result, name) \
  static __attribute__((target("avx512bw"), unused)) Result wide_##name( \
    const uint8_t *text, long index, long count, uint64_t carry) { \
    return any_##name(text, index, count, carry); \
  } \
  static __attribute__((target("avx2"), unused)) Result medium_##name( \
    const uint8_t *text, long index, long count, uint64_t carry) { \
    return any_##name(text, index, count, carry); \
  } \
  static inline Result scan_##name( \
    const uint8_t *text, long index, long count, uint64_t carry) { \
    if (__builtin_cpu_supports("avx512bw")) { return wide_##name(text, index, count, carry); } \
    if (__builtin_cpu_supports("avx2")) { return medium_##name(text, index, count, carry); } \
    return any_##name(text, index, count, carry); \
  }
#define BYTE_MASKS_SEARCH(name, parameters, arguments) \
  static __attribute__((target("avx512bw"), unused)) long wide_##name parameters { \
    return any_##name arguments; \
  } \
  static __attribute__((target("avx2"), unused)) long medium_##name parameters { \
    return any_##name arguments; \
  } \
  static inline long name parameters { \
    if (__builtin_cpu_supports("avx512bw")) { return wide_##name arguments; } \
    if (__builtin_cpu_supports("avx2")) { return medium_##name arguments; } \
    return any_##name arguments; \
  }
#else
#define BYTE_MASKS_SEARCH(name, parameters, arguments) \
  static inline long name parameters { return any_##name arguments; }
#define BYTE_MASKS_CARRYING(Result, name) \
  static inline Result name##_64(const uint8_t *bytes, uint64_t carry, _Bool is_html) { \
    return any_##name(bytes, carry, is_html); \
  }
#define BYTE_MASKS_SCAN(Result, name) \
  static inline Result scan_##name(const uint8_t *text, long index, long count, uint64_t carry) { \
    return any_##name(text, index, count, carry); \
  }
#define BYTE_MASKS_FUNCTION(Result, name) \
  static inline Result name##_64(const uint8_t *bytes) { return any_##name(bytes); }
#endif

/// Looks at 64 bytes.
BYTE_MASKS_FUNCTION(string_byte_masks, string_masks)

/// The letters among 64 bytes that most escapes end with: n, r, t.
BYTE_MASKS_FUNCTION(uint64_t, escape_letters)

/// The bytes of 64 with which U+2028 and U+2029 begin.
BYTE_MASKS_FUNCTION(uint64_t, separator_leads)

/// The bytes of 64 that Go's encoder may write otherwise in text that is escaped already: `<`, `>`,
/// `&` and the first byte of U+2028 and U+2029.
BYTE_MASKS_FUNCTION(uint64_t, html_stops)

BYTE_MASKS_SCAN(plain_string, plain_string)
BYTE_MASKS_CARRYING(spelling_stops, spelling_stops)
BYTE_MASKS_SEARCH(
  pattern_place, (const uint8_t *text, long end, const uint8_t *pattern, long length),
  (text, end, pattern, length))

// The same as above for the last bytes of a text, fewer than 64.

static inline string_byte_masks string_masks_last(const uint8_t *bytes, long count) {
  uint8_t block[64];
  return string_masks_64(last_block(bytes, count, block));
}

static inline uint64_t escape_letters_last(const uint8_t *bytes, long count) {
  uint8_t block[64];
  return escape_letters_64(last_block(bytes, count, block));
}

static inline uint64_t html_stops_last(const uint8_t *bytes, long count) {
  uint8_t block[64];
  return html_stops_64(last_block(bytes, count, block));
}

static inline uint64_t separator_leads_last(const uint8_t *bytes, long count) {
  uint8_t block[64];
  return separator_leads_64(last_block(bytes, count, block));
}

static inline spelling_stops spelling_stops_last(
  const uint8_t *bytes, long count, uint64_t carry, _Bool is_html
) {
  uint8_t block[64];
  return spelling_stops_64(last_block(bytes, count, block), carry, is_html);
}
