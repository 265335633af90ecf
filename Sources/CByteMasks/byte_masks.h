// Which of several bytes are of a kind, as bits, the first byte lowest: what Swift cannot ask the
// vector unit for. SSE2 is part of every x86-64; elsewhere eight bytes at a time in plain C.
#pragma once
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// The bytes that matter inside a JSON string, a bit for each of up to 64 bytes.
typedef struct {
  uint64_t quotes, backslashes, controls, highs;
} string_byte_masks;

/// Eight bytes in plain C, for processors without the vector instructions used here.
static inline uint64_t portable_bits(uint64_t marks) {
  return ((marks >> 7) * 0x0102040810204080u) >> 56;
}

static inline uint64_t portable_equal(uint64_t word, uint8_t byte) {
  const uint64_t low = 0x7F7F7F7F7F7F7F7Fu;
  const uint64_t other = word ^ (byte * 0x0101010101010101u);
  return portable_bits(~(((other & low) + low) | other | low));
}

static inline uint64_t portable_word(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

/// Looks at `count` bytes, a multiple of 8 up to 64.
static inline string_byte_masks portable_string_masks(const uint8_t *bytes, int count) {
  string_byte_masks found = {0, 0, 0, 0};
  for (int index = 0; index < count; index += 8) {
    const uint64_t word = portable_word(bytes + index);
    found.quotes |= portable_equal(word, '"') << index;
    found.backslashes |= portable_equal(word, '\\') << index;
    found.controls |= portable_equal(word & 0xE0E0E0E0E0E0E0E0u, 0) << index;
    found.highs |= portable_bits(word & 0x8080808080808080u) << index;
  }
  return found;
}

/// The letters among 64 bytes that most escapes end with: n, r, t.
static inline uint64_t portable_escape_letters(const uint8_t *bytes) {
  uint64_t found = 0;
  for (int index = 0; index < 64; index += 8) {
    const uint64_t word = portable_word(bytes + index);
    const uint64_t letters = portable_equal(word, 'n') | portable_equal(word, 'r');
    found |= (letters | portable_equal(word, 't')) << index;
  }
  return found;
}

/// Whether a byte occurs in a text.
static inline int bytes_contain(const uint8_t *bytes, long count, uint8_t byte) {
  return memchr(bytes, byte, (size_t)count) != 0;
}

/// Whether two texts of one length are the same.
static inline int bytes_equal(const uint8_t *bytes, const uint8_t *others, long count) {
  return memcmp(bytes, others, (size_t)count) == 0;
}

/// The bytes of 64 with which U+2028 and U+2029 begin.
static inline uint64_t portable_separator_leads(const uint8_t *bytes) {
  uint64_t found = 0;
  for (int index = 0; index < 64; index += 8) {
    found |= portable_equal(portable_word(bytes + index), 0xE2) << index;
  }
  return found;
}

/// The bytes of 64 that Go's encoder may write otherwise in text that is escaped already: `<`, `>`,
/// `&` and the first byte of U+2028 and U+2029.
static inline uint64_t portable_html_stops(const uint8_t *bytes) {
  uint64_t found = 0;
  for (int index = 0; index < 64; index += 8) {
    const uint64_t word = portable_word(bytes + index);
    uint64_t bits = portable_equal(word, '<') | portable_equal(word, '>');
    bits |= portable_equal(word, '&') | portable_equal(word, 0xE2);
    found |= bits << index;
  }
  return found;
}

#if defined(__SSE2__)
static inline uint64_t vector_equal(__m128i bytes, char byte) {
  return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
}

static inline string_byte_masks string_masks_16(const uint8_t *bytes) {
  const __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  const __m128i limit = _mm_set1_epi8(0x1F);
  string_byte_masks found;
  found.quotes = vector_equal(block, '"');
  found.backslashes = vector_equal(block, '\\');
  found.controls =
    (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(block, limit), limit));
  found.highs = (uint64_t)(uint32_t)_mm_movemask_epi8(block);
  return found;
}

static inline string_byte_masks string_masks_64(const uint8_t *bytes) {
  string_byte_masks found = {0, 0, 0, 0};
  for (int index = 0; index < 64; index += 16) {
    const string_byte_masks part = string_masks_16(bytes + index);
    found.quotes |= part.quotes << index;
    found.backslashes |= part.backslashes << index;
    found.controls |= part.controls << index;
    found.highs |= part.highs << index;
  }
  return found;
}

static inline uint64_t escape_letters_64(const uint8_t *bytes) {
  uint64_t found = 0;
  for (int index = 0; index < 64; index += 16) {
    const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + index));
    const uint64_t letters = vector_equal(block, 'n') | vector_equal(block, 'r');
    found |= (letters | vector_equal(block, 't')) << index;
  }
  return found;
}

static inline uint64_t separator_leads_64(const uint8_t *bytes) {
  uint64_t found = 0;
  for (int index = 0; index < 64; index += 16) {
    const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + index));
    found |= vector_equal(block, (char)0xE2) << index;
  }
  return found;
}

static inline uint64_t html_stops_64(const uint8_t *bytes) {
  uint64_t found = 0;
  for (int index = 0; index < 64; index += 16) {
    const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + index));
    uint64_t bits = vector_equal(block, '<') | vector_equal(block, '>');
    bits |= vector_equal(block, '&') | vector_equal(block, (char)0xE2);
    found |= bits << index;
  }
  return found;
}
#else
static inline string_byte_masks string_masks_16(const uint8_t *bytes) {
  return portable_string_masks(bytes, 16);
}

static inline string_byte_masks string_masks_64(const uint8_t *bytes) {
  return portable_string_masks(bytes, 64);
}

static inline uint64_t escape_letters_64(const uint8_t *bytes) {
  return portable_escape_letters(bytes);
}

static inline uint64_t html_stops_64(const uint8_t *bytes) {
  return portable_html_stops(bytes);
}

static inline uint64_t separator_leads_64(const uint8_t *bytes) {
  return portable_separator_leads(bytes);
}
#endif

/// Fills a block with the last bytes of a text, fewer than 64, and quotes behind them.
static inline const uint8_t *last_block(const uint8_t *bytes, long count, uint8_t block[64]) {
  memset(block, '"', 64);
  memcpy(block, bytes, (size_t)count);
  return block;
}

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
