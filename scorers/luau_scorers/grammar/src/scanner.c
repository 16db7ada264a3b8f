// Reads what a regular expression cannot: comments, numbers and the insides of strings.
//
// Strings are read here from their first quote to their last, so that their insides stay text even where the parser
// has lost its way. What remains of a string that is being read is the scanner's state.

#include "tree_sitter/alloc.h"
#include "tree_sitter/parser.h"

// The order of `externals` in grammar.js.
enum Token {
    HASH_BANG_LINE,
    COMMENT,
    NUMBER,
    DOUBLE_START,
    SINGLE_START,
    LONG_START,
    QUOTED_CONTENT,
    QUOTED_END,
    INTERPOLATED_CONTENT,
    INTERPOLATED_END,
    INTERPOLATION_START,
    MALFORMED_NUMBER,
    UNFINISHED_COMMENT,
    UNFINISHED_STRING,
    RECOVERING,
};

// How the string that is being read ends.
enum Kind { NONE, DOUBLE, SINGLE, LONG };

typedef struct {
    uint8_t kind;
    uint8_t level;  // the `=` between a long string's brackets
} String;

void *tree_sitter_luau_external_scanner_create(void) { return ts_calloc(1, sizeof(String)); }

void tree_sitter_luau_external_scanner_destroy(void *payload) { ts_free(payload); }

unsigned tree_sitter_luau_external_scanner_serialize(void *payload, char *buffer) {
    const String *string = payload;
    buffer[0] = (char)string->kind;
    buffer[1] = (char)string->level;
    return 2;
}

void tree_sitter_luau_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    String *string = payload;
    string->kind = length == 2 ? (uint8_t)buffer[0] : NONE;
    string->level = length == 2 ? (uint8_t)buffer[1] : 0;
}

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

static bool is_letter(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool is_blank(int32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool is_line_end(int32_t c) { return c == '\n' || c == '\r'; }

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

static bool found(TSLexer *lexer, enum Token token) {
    lexer->result_symbol = token;
    return true;
}

static bool read_line(TSLexer *lexer, enum Token token) {
    while (!lexer->eof(lexer) && !is_line_end(lexer->lookahead)) {
        advance(lexer);
    }
    return found(lexer, token);
}

// Numbers. Luau first takes all that could belong to a number, then looks at what it has, without underscores.

enum Number { BEGIN, ZERO, WHOLE, POINT, FRACTION, EXPONENT, SIGN, POWER, BASE_16, HEX, BASE_2, BINARY, INTEGER, BAD };

static enum Number after_digits(int32_t c, bool fraction) {
    if (c == 'e' || c == 'E') {
        return EXPONENT;
    }
    if (c == '.' && !fraction) {
        return FRACTION;
    }
    return c == 'i' && !fraction ? INTEGER : BAD;
}

static enum Number number_step(enum Number state, int32_t c) {
    bool digit = is_digit(c);
    switch (state) {
        case BEGIN:
            return c == '.' ? POINT : c == '0' ? ZERO : WHOLE;
        case ZERO:
            if (c == 'x' || c == 'X') {
                return BASE_16;
            }
            if (c == 'b' || c == 'B') {
                return BASE_2;
            }
            return digit ? WHOLE : after_digits(c, false);
        case WHOLE:
            return digit ? WHOLE : after_digits(c, false);
        case POINT:
            return digit ? FRACTION : BAD;
        case FRACTION:
            return digit ? FRACTION : after_digits(c, true);
        case EXPONENT:
            return digit ? POWER : c == '+' || c == '-' ? SIGN : BAD;
        case SIGN:
        case POWER:
            return digit ? POWER : BAD;
        case BASE_16:
        case HEX:
            if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
                return HEX;
            }
            return c == 'i' && state == HEX ? INTEGER : BAD;
        case BASE_2:
        case BINARY:
            if (c == '0' || c == '1') {
                return BINARY;
            }
            return c == 'i' && state == BINARY ? INTEGER : BAD;
        default:
            return BAD;
    }
}

static enum Number take(TSLexer *lexer, enum Number state) {
    int32_t c = lexer->lookahead;
    advance(lexer);
    return c == '_' ? state : number_step(state, c);
}

static bool read_number(TSLexer *lexer) {
    enum Number state = BEGIN;
    if (lexer->lookahead == '.') {
        state = take(lexer, state);
        if (!is_digit(lexer->lookahead)) {
            return false;
        }
    }
    while (is_digit(lexer->lookahead) || lexer->lookahead == '.' || lexer->lookahead == '_') {
        state = take(lexer, state);
    }
    if (lexer->lookahead == 'e' || lexer->lookahead == 'E') {
        state = take(lexer, state);
        if (lexer->lookahead == '+' || lexer->lookahead == '-') {
            state = take(lexer, state);
        }
    }
    while (is_digit(lexer->lookahead) || is_letter(lexer->lookahead) || lexer->lookahead == '_') {
        state = take(lexer, state);
    }
    bool whole = state == ZERO || state == WHOLE || state == FRACTION || state == POWER || state == HEX ||
                 state == BINARY || state == INTEGER;
    return found(lexer, whole ? NUMBER : MALFORMED_NUMBER);
}

// Long brackets, of strings and comments.

// How many `=` stand between two brackets, or -1 where these are no long brackets. The second bracket is not taken: it
// may be the first of the next pair.
static int read_level(TSLexer *lexer, char bracket) {
    if (lexer->lookahead != bracket) {
        return -1;
    }
    advance(lexer);
    int level = 0;
    while (lexer->lookahead == '=' && level < UINT8_MAX) {
        advance(lexer);
        level++;
    }
    return lexer->lookahead == bracket ? level : -1;
}

static bool read_comment(TSLexer *lexer) {
    advance(lexer);
    if (lexer->lookahead != '-') {
        return false;
    }
    advance(lexer);
    int level = read_level(lexer, '[');
    if (level < 0) {
        return read_line(lexer, COMMENT);
    }
    while (!lexer->eof(lexer)) {
        if (lexer->lookahead != ']') {
            advance(lexer);
        } else if (read_level(lexer, ']') == level) {
            advance(lexer);
            return found(lexer, COMMENT);
        }
    }
    return found(lexer, UNFINISHED_COMMENT);
}

static bool read_long_start(TSLexer *lexer, String *string) {
    int level = read_level(lexer, '[');
    if (level < 0) {
        return false;
    }
    advance(lexer);
    string->kind = LONG;
    string->level = (uint8_t)level;
    return found(lexer, LONG_START);
}

static bool read_long(TSLexer *lexer, String *string) {
    bool content = false;
    while (!lexer->eof(lexer)) {
        if (lexer->lookahead != ']') {
            advance(lexer);
            content = true;
            continue;
        }
        lexer->mark_end(lexer);
        if (read_level(lexer, ']') == string->level) {
            if (content) {
                return found(lexer, QUOTED_CONTENT);
            }
            advance(lexer);
            lexer->mark_end(lexer);
            string->kind = NONE;
            return found(lexer, QUOTED_END);
        }
        content = true;
    }
    string->kind = NONE;
    lexer->mark_end(lexer);
    return content && found(lexer, QUOTED_CONTENT);
}

// Strings in quotes and backticks. One that its line cuts off ends there.

static void read_escape(TSLexer *lexer, bool interpolated) {
    advance(lexer);
    int32_t c = lexer->lookahead;
    if (lexer->eof(lexer)) {
        return;
    }
    advance(lexer);
    if (c == '\r' && lexer->lookahead == '\n') {
        advance(lexer);
    } else if (c == 'z') {
        while (is_blank(lexer->lookahead)) {
            advance(lexer);
        }
    } else if (c == 'u' && interpolated && lexer->lookahead == '{') {
        advance(lexer);
    }
}

static bool at_line_end(TSLexer *lexer) { return lexer->eof(lexer) || is_line_end(lexer->lookahead); }

// Takes the line's end where there is nothing else, since an empty token would not be looked at.
static bool read_cut_off(TSLexer *lexer, bool content) {
    if (!content && lexer->eof(lexer)) {
        return false;
    }
    if (!content) {
        advance(lexer);
    }
    return found(lexer, UNFINISHED_STRING);
}

static bool read_quoted_start(TSLexer *lexer, String *string, enum Kind kind) {
    advance(lexer);
    string->kind = (uint8_t)kind;
    return found(lexer, kind == DOUBLE ? DOUBLE_START : SINGLE_START);
}

static bool read_quoted(TSLexer *lexer, String *string) {
    int32_t quote = string->kind == DOUBLE ? '"' : '\'';
    if (lexer->lookahead == quote) {
        advance(lexer);
        string->kind = NONE;
        return found(lexer, QUOTED_END);
    }
    bool content = false;
    while (!at_line_end(lexer) && lexer->lookahead != quote) {
        if (lexer->lookahead == '\\') {
            read_escape(lexer, false);
        } else {
            advance(lexer);
        }
        content = true;
    }
    if (lexer->lookahead == quote) {
        return found(lexer, QUOTED_CONTENT);
    }
    string->kind = NONE;
    return read_cut_off(lexer, content);
}

static bool read_interpolated(TSLexer *lexer) {
    if (lexer->lookahead == '`') {
        advance(lexer);
        return found(lexer, INTERPOLATED_END);
    }
    if (lexer->lookahead == '{') {
        advance(lexer);
        // Luau refuses two braces in a row.
        return lexer->lookahead != '{' && found(lexer, INTERPOLATION_START);
    }
    bool content = false;
    while (!at_line_end(lexer) && lexer->lookahead != '`' && lexer->lookahead != '{') {
        if (lexer->lookahead == '\\') {
            read_escape(lexer, true);
        } else {
            advance(lexer);
        }
        content = true;
    }
    return at_line_end(lexer) ? read_cut_off(lexer, content) : found(lexer, INTERPOLATED_CONTENT);
}

bool tree_sitter_luau_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    String *string = payload;
    if (string->kind == LONG) {
        return read_long(lexer, string);
    }
    if (string->kind != NONE) {
        return read_quoted(lexer, string);
    }
    if (!valid[RECOVERING]) {
        if (valid[INTERPOLATED_END]) {
            return read_interpolated(lexer);
        }
        if (valid[HASH_BANG_LINE] && lexer->lookahead == '#') {
            advance(lexer);
            return lexer->lookahead == '!' && read_line(lexer, HASH_BANG_LINE);
        }
    }
    while (is_blank(lexer->lookahead)) {
        lexer->advance(lexer, true);
    }
    switch (lexer->lookahead) {
        case '-':
            return read_comment(lexer);
        case '"':
            return valid[DOUBLE_START] && read_quoted_start(lexer, string, DOUBLE);
        case '\'':
            return valid[SINGLE_START] && read_quoted_start(lexer, string, SINGLE);
        case '[':
            return valid[LONG_START] && read_long_start(lexer, string);
        default:
            if (is_digit(lexer->lookahead) || lexer->lookahead == '.') {
                return read_number(lexer);
            }
            return false;
    }
}
