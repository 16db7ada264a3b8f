/**
 * All of Luau's syntax. `generate.sh` makes `src/parser.c` of this file; `src/scanner.c` reads what a regular
 * expression cannot: comments, numbers and the insides of strings.
 *
 * The tree accepts what the Luau compiler's parser accepts, with these exceptions, which are left to rules since a
 * tree shows them badly: a call whose `(` stands on a new line, escape sequences, what attributes are called, and
 * everything that needs scopes (`break` outside of a loop, assigning a `const`, `...` outside of a vararg function).
 */

const RESERVED = [
  'and', 'break', 'do', 'else', 'elseif', 'end', 'false', 'for', 'function', 'if', 'in', 'local', 'nil', 'not', 'or',
  'repeat', 'return', 'then', 'true', 'until', 'while',
];
// Words that mean something at the start of a statement alone; they are names elsewhere.
const STATEMENT_WORDS = ['const', 'continue', 'export', 'type'];
const BUILTIN_TYPES = [
  'any', 'boolean', 'buffer', 'never', 'number', 'string', 'table', 'thread', 'unknown', 'userdata',
];

const LEVEL = { or: 1, and: 2, compare: 3, concat: 4, add: 5, multiply: 6, unary: 7, power: 8, cast: 9, call: 10 };
const TYPE_LEVEL = { union: 1, optional: 2, generic: 3 };

const BINARY = [
  [prec.left, LEVEL.or, 'or'],
  [prec.left, LEVEL.and, 'and'],
  [prec.left, LEVEL.compare, choice('<', '<=', '==', '~=', '>=', '>')],
  [prec.right, LEVEL.concat, '..'],
  [prec.left, LEVEL.add, choice('+', '-')],
  [prec.left, LEVEL.multiply, choice('*', '/', '//', '%')],
  [prec.right, LEVEL.power, '^'],
];

const after = (rule) => seq(',', rule);
const list = (rule) => seq(rule, repeat(after(rule)));

/**
 * The rules of expressions, of which there are two sets: what stands in brackets has names that begin with `_inner_`.
 * The trees are the same. With one set the parser could not tell that no statement follows inside brackets, and of
 * `f(g(` with a statement on the next line it would not find out again.
 */
function expressions(where) {
  const node = ($, name) => (where ? alias($[where + name], $[name]) : $[name]);
  const expression = ($) => $[`${where}expression`];
  const simple = ($) => $[`_${where}simple`];
  const prefix = ($) => $[`_${where}prefix`];
  return {
    [`${where}expression`]: ($) => choice(
      simple($), node($, 'unary_expression'), node($, 'binary_expression'), node($, 'cast_expression'),
    ),
    [`_${where}simple`]: ($) => choice(
      $.nil,
      $.true,
      $.false,
      $.number,
      $.string,
      alias($._interpolated_string, $.string),
      $.vararg_expression,
      $.function_definition,
      $.table_constructor,
      node($, 'if_expression'),
      prefix($),
    ),

    [`${where}unary_expression`]: ($) => prec(LEVEL.unary, seq(
      choice('not', '-', '#'), field('operand', expression($)),
    )),
    [`${where}binary_expression`]: ($) => choice(...BINARY.map(([side, level, operator]) => side(level, seq(
      field('left', expression($)), operator, field('right', expression($)),
    )))),
    [`${where}cast_expression`]: ($) => prec(LEVEL.cast, seq(simple($), '::', $.type)),

    [`${where}if_expression`]: ($) => prec.right(seq(
      'if',
      field('condition', expression($)),
      'then',
      field('consequence', expression($)),
      repeat(node($, 'elseif_clause')),
      node($, 'else_clause'),
    )),
    [`${where}elseif_clause`]: ($) => seq(
      'elseif', field('condition', expression($)), 'then', field('consequence', expression($)),
    ),
    [`${where}else_clause`]: ($) => seq('else', field('consequence', expression($))),

    [`_${where}prefix`]: ($) => choice(
      $[`${where}variable`],
      prec(LEVEL.call, node($, 'function_call')),
      node($, 'instantiation_expression'),
      $.parenthesized_expression,
    ),
    [`${where}variable`]: ($) => choice(
      $._name, node($, 'dot_index_expression'), node($, 'bracket_index_expression'),
    ),
    [`${where}dot_index_expression`]: ($) => seq(
      field('table', prefix($)), '.', field('field', $.identifier),
    ),
    [`${where}bracket_index_expression`]: ($) => seq(
      field('table', prefix($)), '[', field('field', $._inner_expression), ']',
    ),
    // The next line's `(` belongs to the call, as it does in Lua; for Luau that is an error, which a rule reports.
    [`${where}function_call`]: ($) => prec(LEVEL.call, seq(
      field('name', choice(prefix($), node($, 'method_index_expression'))),
      optional($.type_arguments),
      field('arguments', $.arguments),
    )),
    [`${where}method_index_expression`]: ($) => seq(
      field('table', prefix($)), ':', field('method', $.identifier),
    ),
    [`${where}instantiation_expression`]: ($) => seq(prefix($), $.type_arguments),
  };
}

module.exports = grammar({
  name: 'luau',
  word: ($) => $.identifier,
  reserved: { global: (_) => RESERVED },
  extras: ($) => [$.comment, /[ \t\r\n\f\v]/],
  externals: ($) => [
    $.hash_bang_line,
    $.comment,
    $.number,
    $._double_start,
    $._single_start,
    $._long_start,
    $._quoted_content,
    $._quoted_end,
    $._interpolated_content,
    $._interpolated_end,
    $._interpolation_start,
    // Never part of a rule: where one of these is read, the tree has an error.
    $.malformed_number,
    $.unfinished_comment,
    $.unfinished_string,
    $._recovering,
  ],
  supertypes: ($) => [$.statement, $.declaration, $.expression, $.variable, $.type],

  rules: {
    chunk: ($) => seq(optional($.hash_bang_line), optional($._statements)),

    block: ($) => $._statements,
    _statements: ($) => choice(seq(repeat1($._separated), optional($._last)), $._last),
    _separated: ($) => seq($.statement, optional($._semicolon)),
    _last: ($) => seq(choice(
      $.return_statement, $.break_statement, alias('continue', $.continue_statement),
    ), optional($._semicolon)),
    _semicolon: ($) => alias(';', $.empty_statement),

    statement: ($) => choice(
      $.assignment_statement,
      $.update_statement,
      $.function_call,
      $.do_statement,
      $.while_statement,
      $.repeat_statement,
      $.if_statement,
      $.for_statement,
      $.declaration,
      $.type_definition,
      $.type_function,
    ),

    return_statement: ($) => seq('return', optional($.expression_list)),
    break_statement: (_) => 'break',

    assignment_statement: ($) => seq(
      alias($._targets, $.variable_list), '=', alias($._values, $.expression_list),
    ),
    _targets: ($) => list(field('name', $.variable)),
    _values: ($) => list(field('value', $.expression)),

    update_statement: ($) => seq(
      alias($._target, $.variable_list),
      choice('+=', '-=', '*=', '/=', '//=', '%=', '^=', '..='),
      alias($._value, $.expression_list),
    ),
    _target: ($) => field('name', $.variable),
    _value: ($) => field('value', $.expression),

    do_statement: ($) => seq('do', $._body_end),
    while_statement: ($) => seq('while', field('condition', $.expression), 'do', $._body_end),
    repeat_statement: ($) => seq('repeat', optional($._body), 'until', field('condition', $.expression)),
    _body: ($) => field('body', $.block),
    _body_end: ($) => seq(optional($._body), 'end'),

    if_statement: ($) => seq(
      'if',
      $._condition,
      repeat(field('alternative', $.elseif_statement)),
      optional(field('alternative', $.else_statement)),
      'end',
    ),
    elseif_statement: ($) => seq('elseif', $._condition),
    else_statement: ($) => seq('else', optional($._body)),
    _condition: ($) => seq(
      field('condition', $.expression), 'then', optional(field('consequence', $.block)),
    ),

    for_statement: ($) => seq(
      'for', field('clause', choice($.for_numeric_clause, $.for_generic_clause)), 'do', $._body_end,
    ),
    for_numeric_clause: ($) => seq(
      field('name', $.identifier),
      optional($._annotation),
      '=',
      field('start', $.expression),
      ',',
      field('end', $.expression),
      optional(after(field('step', $.expression))),
    ),
    for_generic_clause: ($) => seq(alias($._bindings, $.variable_list), 'in', $.expression_list),

    declaration: ($) => choice(
      $.function_declaration,
      field('local_declaration', alias($._local_function, $.function_declaration)),
      field('local_declaration', $.variable_declaration),
    ),

    variable_declaration: ($) => seq(
      optional('export'),
      choice(
        seq('local', choice(alias($._bindings, $.variable_list), $._initialised)),
        seq('const', $._initialised),
      ),
    ),
    _initialised: ($) => alias($._binding_assignment, $.assignment_statement),
    _binding_assignment: ($) => seq(
      alias($._bindings, $.variable_list), '=', alias($._values, $.expression_list),
    ),
    _bindings: ($) => list(seq(field('name', $.identifier), optional($._annotation))),
    _annotation: ($) => seq(':', $.type),

    function_declaration: ($) => seq(
      optional($._attributes),
      'function',
      field('name', choice(
        $.identifier,
        alias($._dotted_name, $.dot_index_expression),
        alias($._method_name, $.method_index_expression),
      )),
      $._function_body,
    ),
    _dotted_name: ($) => seq($._named_table, '.', field('field', $.identifier)),
    _method_name: ($) => seq($._named_table, ':', field('method', $.identifier)),
    _named_table: ($) => field('table', choice($.identifier, alias($._dotted_name, $.dot_index_expression))),

    _local_function: ($) => seq(
      optional($._attributes),
      choice('export', seq(optional('export'), choice('local', 'const'))),
      'function',
      field('name', $.identifier),
      $._function_body,
    ),

    _attributes: ($) => repeat1($.attribute),
    attribute: ($) => choice(
      seq('@', field('name', alias(token.immediate(/[A-Za-z_][A-Za-z0-9_]*/), $.identifier))),
      seq('@[', list($._attribute_call), ']'),
    ),
    _attribute_call: ($) => seq(field('name', $.identifier), optional(field('arguments', $.arguments))),

    _function_body: ($) => seq(
      optional($.generic_type_list),
      field('parameters', $.parameters),
      optional(seq(':', $._return_type)),
      $._body_end,
    ),
    parameters: ($) => seq('(', optional(choice(
      seq(list($.parameter), optional(after(alias($._vararg_parameter, $.parameter)))),
      alias($._vararg_parameter, $.parameter),
    )), ')'),
    parameter: ($) => seq($.identifier, optional($._annotation)),
    _vararg_parameter: ($) => seq($.vararg_expression, optional(seq(':', choice($.type, $.pack_type)))),

    // Expressions

    ...expressions(''),
    ...expressions('_inner_'),

    expression_list: ($) => list($.expression),

    nil: (_) => 'nil',
    true: (_) => 'true',
    false: (_) => 'false',
    vararg_expression: (_) => '...',

    string: ($) => choice(
      seq(field('start', alias($._double_start, '"')), $._quoted_rest),
      seq(field('start', alias($._single_start, "'")), $._quoted_rest),
      seq(field('start', alias($._long_start, '[[')), $._quoted_rest),
    ),
    _quoted_rest: ($) => seq(
      optional(field('content', alias($._quoted_content, $.string_content))),
      field('end', alias($._quoted_end, '"')),
    ),

    _interpolated_string: ($) => seq(
      field('start', '`'),
      repeat(choice(field('content', alias($._interpolated_content, $.string_content)), $.interpolation)),
      field('end', alias($._interpolated_end, '`')),
    ),
    interpolation: ($) => seq(alias($._interpolation_start, '{'), $._inner_expression, '}'),

    function_definition: ($) => seq(optional($._attributes), 'function', $._function_body),

    table_constructor: ($) => seq('{', optional($._fields), '}'),
    _fields: ($) => seq($.field, repeat(seq($._separator, $.field)), optional($._separator)),
    _separator: (_) => choice(',', ';'),
    field: ($) => choice(
      seq('[', field('name', $._inner_expression), ']', '=', field('value', $._inner_expression)),
      seq(field('name', $._name), '=', field('value', $._inner_expression)),
      field('value', $._inner_expression),
    ),

    parenthesized_expression: ($) => seq('(', $._inner_expression, ')'),

    _name: ($) => choice($.identifier, ...STATEMENT_WORDS.map((word) => alias(word, $.identifier))),
    arguments: ($) => choice(
      seq('(', optional(list($._inner_expression)), ')'),
      $.table_constructor,
      $.string,
    ),

    type_arguments: ($) => seq(
      alias(token(/<[ \t\r\n\f\v]*</), '<<'), optional(list($._type_argument)), '>', '>',
    ),

    // Types

    type_definition: ($) => seq(
      optional('export'),
      'type',
      field('name', $.identifier),
      optional(alias($._defaulted_generics, $.generic_type_list)),
      '=',
      $.type,
    ),
    type_function: ($) => seq(
      optional('export'), 'type', 'function', field('name', $.identifier), $._function_body,
    ),

    generic_type_list: ($) => seq('<', choice(
      seq(list($._generic), repeat(after($._generic_pack))),
      list($._generic_pack),
    ), '>'),
    // Types stand before packs; once one has a default, all that follow have one.
    _defaulted_generics: ($) => seq('<', choice(
      seq(list($._generic), choice(
        seq(repeat(after($._generic_pack)), repeat(after($._default_pack))),
        seq(repeat1(after($._default)), repeat(after($._default_pack))),
      )),
      seq(list($._default), repeat(after($._default_pack))),
      seq(list($._generic_pack), repeat(after($._default_pack))),
      list($._default_pack),
    ), '>'),
    _generic: ($) => field('name', $.identifier),
    _generic_pack: ($) => seq(field('name', $.identifier), '...'),
    _default: ($) => seq(field('name', $.identifier), '=', $.type),
    _default_pack: ($) => seq(field('name', $.identifier), '...', '=', choice(
      $._pack, alias($._parenthesized_type, $.tuple_type),
    )),

    type: ($) => choice($._simple_type, $.optional_type, $.union_type, $.intersection_type),
    _simple_type: ($) => choice(
      $.identifier,
      $.builtin_type,
      $.field_type,
      $.generic_type,
      $.literal_type,
      $.typeof_type,
      $.object_type,
      $.function_type,
      alias($._parenthesized_type, $.tuple_type),
    ),

    // A type that mixes `|` with `&` needs brackets.
    optional_type: ($) => prec(TYPE_LEVEL.optional, seq(choice($._simple_type, $.optional_type), '?')),
    union_type: ($) => prec.left(TYPE_LEVEL.union, seq(
      optional(choice($._simple_type, $.optional_type, $.union_type)),
      '|',
      choice($._simple_type, $.optional_type),
    )),
    intersection_type: ($) => prec.left(TYPE_LEVEL.union, seq(
      optional(choice($._simple_type, $.intersection_type)), '&', $._simple_type,
    )),

    builtin_type: (_) => choice('nil', ...BUILTIN_TYPES),
    field_type: ($) => seq($._type_name, '.', $.identifier),
    generic_type: ($) => prec(TYPE_LEVEL.generic, seq(
      choice($.identifier, $.builtin_type, $.field_type), '<', optional(list($._type_argument)), '>',
    )),
    _type_argument: ($) => choice($.type, $._pack),
    literal_type: ($) => choice($.string, $.true, $.false),
    typeof_type: ($) => seq('typeof', '(', $._inner_expression, ')'),

    // A builtin type's name is a plain name too: of a module, a parameter, a property.
    _type_name: ($) => choice($.identifier, ...BUILTIN_TYPES.map((word) => alias(word, $.identifier))),
    _parameter_name: ($) => choice($._type_name, alias('typeof', $.identifier)),
    _property_name: ($) => choice(
      $._parameter_name, alias('read', $.identifier), alias('write', $.identifier),
    ),

    object_type: ($) => seq('{', optional(choice($._properties, $._element)), '}'),
    _element: ($) => seq(optional($._access), $.type),
    _properties: ($) => seq($._property, repeat(seq($._separator, $._property)), optional($._separator)),
    _property: ($) => seq(optional($._access), choice($._property_name, $.object_field_type), ':', $.type),
    _access: (_) => choice('read', 'write'),
    object_field_type: ($) => seq('[', $.type, ']'),

    function_type: ($) => seq(
      optional($.generic_type_list),
      choice(
        $._no_types,
        $._parenthesized_type,
        $._several_types,
        seq('(', $._named_types, optional(after($._tail)), ')'),
      ),
      '->',
      $._return_type,
    ),
    _return_type: ($) => choice($.type, $._pack),

    _no_types: (_) => seq('(', ')'),
    _parenthesized_type: ($) => seq('(', $.type, ')'),
    _several_types: ($) => seq('(', choice(
      $._tail,
      seq($.type, after($._tail)),
      seq($._plain_types, optional(after($._tail))),
    ), ')'),
    _plain_types: ($) => seq(choice($.type, $._plain_types), after($.type)),
    _named_types: ($) => choice(
      $._named_type,
      seq(choice($.type, $._plain_types), after($._named_type)),
      seq($._named_types, after(choice($.type, $._named_type))),
    ),
    _named_type: ($) => seq($._parameter_name, ':', $.type),

    _pack: ($) => choice(
      alias($._no_types, $.empty_type),
      alias($._several_types, $.tuple_type),
      $._tail,
    ),
    _tail: ($) => choice($.variadic_type, $.pack_type),
    variadic_type: ($) => seq('...', $.type),
    pack_type: ($) => seq($._type_name, '...'),

    identifier: (_) => /[A-Za-z_][A-Za-z0-9_]*/,
  },
});
