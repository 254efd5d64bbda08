using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Grains;

/// <summary>The names that people give to classes and schemas: <c>[a-z0-9][a-z0-9._-]{0,127}</c>.</summary>
public static class Slug
{
    public const int MaxLength = 128;

    public static Error? Refusal(string slug)
    {
        if (slug.Length is 0 or > MaxLength) return Malformed($"a slug has 1 to {MaxLength} characters");
        if (!char.IsAsciiLetterLower(slug[0]) && !char.IsAsciiDigit(slug[0]))
        {
            return Malformed("a slug begins with a lower-case letter or a digit");
        }
        foreach (var c in slug)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '_' or '-'))
            {
                return Malformed("a slug consists of lower-case letters, digits, '.', '_' and '-'");
            }
        }
        return null;
    }

    private static Error Malformed(string detail) => ErrorCatalogue.RequestMalformed.With(detail);
}
