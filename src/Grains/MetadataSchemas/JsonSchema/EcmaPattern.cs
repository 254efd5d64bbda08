using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>
/// An ECMAScript pattern (with the u flag, as JSON Schema asks) as a .NET expression of the same meaning. The dialects look alike and
/// differ where it hurts: \d and \w are ASCII there and Unicode here, $ also matches before a last newline here, a dot or a negated
/// class takes a whole character there and half a surrogate pair here. Those are rewritten; what has no counterpart is refused.
/// Matching is NonBacktracking: linear time for any text, and the framework refuses patterns whose automaton would be large, so a
/// pattern cannot be a weapon.
/// </summary>
internal static class EcmaPattern
{
    private const int MaxLength = 1024;

    /// <summary>Characters in the pattern once its counted repetitions are written out: the size of the automaton.</summary>
    private const long MaxWeight = 512;

    /// <summary>Backstop for what the weight does not foresee; far above what an honest pattern takes.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private const string Pair = @"[\ud800-\udbff][\udc00-\udfff]";
    private const string Lone = @"\ud800-\udfff";
    private const string Digit = "0-9";
    private const string Word = "a-zA-Z0-9_";
    private const string Space = @"\t\n\u000b\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
    private const string LineEnd = @"\n\r\u2028\u2029";

    public static bool TryCompile(string pattern, [NotNullWhen(true)] out BoundedPattern? compiled, [NotNullWhen(false)] out string? error)
    {
        compiled = null;
        if (pattern.Length > MaxLength)
        {
            error = $"the pattern is longer than {MaxLength} characters";
            return false;
        }

        try
        {
            var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            compiled = new(pattern, new(new Translation(pattern).Run(), options, MatchTimeout));
            error = null;
            return true;
        }
        catch (Exception refused) when (refused is NotSupportedException or ArgumentException or FormatException)
        {
            error = $"the pattern {pattern} cannot be compiled: {refused.Message}";
            return false;
        }
    }

    private static string Negated(string set) => $"(?:{Pair}|[^{set}{Lone}])";

    private sealed class Translation(string pattern)
    {
        private readonly StringBuilder _output = new();
        private readonly Stack<long> _outer = [];
        private int _position;
        private long _weight;
        private long _lastAtom;

        public string Run()
        {
            while (_position < pattern.Length)
                Next();
            return _output.ToString();
        }

        private void Next()
        {
            var symbol = pattern[_position++];
            if (symbol is not ('(' or ')' or '{'))
                Weigh(1);
            switch (symbol)
            {
                case '\\':
                    _output.Append(Escape(insideClass: false));
                    break;
                case '[':
                    Class();
                    break;
                case '.':
                    _output.Append(Negated(LineEnd));
                    break;
                case '$':
                    _output.Append(@"\z");
                    break;
                case '(':
                    Group();
                    break;
                case ')':
                    _output.Append(symbol);
                    var inner = Math.Max(_weight, 1);
                    _weight = _outer.TryPop(out var before) ? before : 0;
                    Weigh(inner);
                    break;
                case '{':
                    Repetition();
                    break;
                case ']' or '}':
                    throw new FormatException($"a lone {symbol} must be escaped");
                default:
                    Literal(symbol);
                    break;
            }
        }

        private void Literal(char symbol)
        {
            // A pair is one character: a repetition behind it must repeat both halves.
            if (char.IsHighSurrogate(symbol) && _position < pattern.Length)
                _output.Append("(?:").Append(symbol).Append(pattern[_position++]).Append(')');
            else
                _output.Append(symbol);
        }

        /// <summary>An atom was read; a repetition behind it repeats all of it.</summary>
        private void Weigh(long atom)
        {
            _weight += atom;
            _lastAtom = atom;
            if (_weight > MaxWeight)
                throw new FormatException($"written out, it has more than {MaxWeight} characters");
        }

        private void Group()
        {
            _output.Append('(');
            _outer.Push(_weight);
            _weight = 0;
            if (_position == pattern.Length || pattern[_position] != '?')
                return;
            var rest = pattern.AsSpan(_position);
            var named = rest.Length > 2 && rest.StartsWith("?<", StringComparison.Ordinal)
                && (char.IsAsciiLetter(rest[2]) || rest[2] == '_');
            if (!named && !rest.StartsWith("?:", StringComparison.Ordinal))
                throw new FormatException("only plain, named and (?: groups are supported");
        }

        private void Repetition()
        {
            var end = pattern.IndexOf('}', _position);
            var bounds = end < 0 ? [] : pattern[_position..end].Split(',');
            if (bounds.Length is not (1 or 2) || !bounds[0].All(char.IsAsciiDigit) || bounds[0].Length is 0 or > 5
                || !bounds[^1].All(char.IsAsciiDigit) || bounds[^1].Length > 5)
                throw new FormatException("a brace must be a repetition such as {2,5} or be escaped");
            var most = bounds.Where(bound => bound.Length > 0).Max(bound => int.Parse(bound, CultureInfo.InvariantCulture));
            _weight -= _lastAtom;
            Weigh(_lastAtom * Math.Max(most, 1));
            _output.Append(pattern, _position - 1, end - _position + 2);
            _position = end + 1;
        }

        private void Class()
        {
            var negated = _position < pattern.Length && pattern[_position] == '^';
            if (negated)
                _position++;
            var set = new StringBuilder();
            while (true)
            {
                if (_position == pattern.Length)
                    throw new FormatException("a class is not closed");
                var symbol = pattern[_position++];
                if (symbol == ']')
                    break;
                if (char.IsSurrogate(symbol))
                    throw new FormatException("a class cannot contain characters beyond U+FFFF");
                // In .NET an opening bracket inside may begin a subtraction; escaped, it is the literal that ECMAScript means.
                if (symbol == '\\')
                    set.Append(ClassEscape(set));
                else
                    set.Append(symbol == '[' ? @"\[" : symbol.ToString());
            }

            if (set.Length == 0)
                _output.Append(negated ? $"(?:{Pair}|[^{Lone}])" : "[^\\s\\S]");
            else
                _output.Append(negated ? Negated(set.ToString()) : $"[{set}]");
        }

        private string ClassEscape(StringBuilder before)
        {
            var isSet = _position < pattern.Length && pattern[_position] is 'd' or 'w' or 's';
            var text = Escape(insideClass: true);
            var rest = pattern.AsSpan(_position);
            var opensRange = rest.Length > 1 && rest[0] == '-' && rest[1] != ']';
            var closesRange = before.Length > 1 && before[^1] == '-' && before[^2] != '\\';
            return isSet && (opensRange || closesRange) ? throw new FormatException("a set cannot be the end of a range") : text;
        }

        private string Escape(bool insideClass)
        {
            if (_position == pattern.Length)
                throw new FormatException("it ends in a backslash");
            var symbol = pattern[_position++];
            return symbol switch
            {
                'd' => insideClass ? Digit : $"[{Digit}]",
                'w' => insideClass ? Word : $"[{Word}]",
                's' => insideClass ? Space : $"[{Space}]",
                'D' when !insideClass => Negated(Digit),
                'W' when !insideClass => Negated(Word),
                'S' when !insideClass => Negated(Space),
                't' or 'n' or 'r' or 'f' or 'v' => $"\\{symbol}",
                'u' => CodeUnit(4),
                'x' => CodeUnit(2),
                '-' when insideClass => @"\-",
                '^' or '$' or '\\' or '.' or '*' or '+' or '?' or '(' or ')' or '[' or ']' or '{' or '}' or '|' or '/' => $"\\{symbol}",
                _ => throw new FormatException($"\\{symbol} is not supported {(insideClass ? "inside a class" : "here")}"),
            };
        }

        private string CodeUnit(int digits)
        {
            var end = _position + digits;
            if (end > pattern.Length || !pattern[_position..end].All(char.IsAsciiHexDigit))
                throw new FormatException($"an escaped code unit needs {digits} hexadecimal digits");
            var unit = (char)int.Parse(pattern.AsSpan(_position, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _position = end;
            return char.IsSurrogate(unit) ? throw new FormatException("escaped surrogates are not supported") : $"\\u{(int)unit:x4}";
        }
    }
}
