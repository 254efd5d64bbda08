using System.Buffers.Text;
using ArtifactStore.Gateway.Shared.Http;

namespace ArtifactStore.Gateway.Tests.Parsing;

public class CursorTests
{
    private static readonly string Question = Cursor.Question("packages", "a", null);

    [Theory]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("dir/ü.txt")]
    public void A_cursor_leads_back_to_its_place(string position)
    {
        Assert.True(Cursor.TryDecode(Question, Cursor.Encode(Question, position), out var found));
        Assert.Equal(position, found);
    }

    [Fact]
    public void A_cursor_of_another_question_is_refused() =>
        Assert.False(Cursor.TryDecode(Cursor.Question("packages", "b", null), Cursor.Encode(Question, "42"), out _));

    [Fact]
    public void A_cursor_with_any_changed_byte_is_refused()
    {
        var bytes = Base64Url.DecodeFromChars(Cursor.Encode(Question, "42"));
        for (var i = 0; i < bytes.Length; i++)
        {
            var forged = bytes.ToArray();
            forged[i] ^= 1;
            Assert.False(Cursor.TryDecode(Question, Base64Url.EncodeToString(forged), out _));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    public void What_is_no_cursor_is_refused(string text) => Assert.False(Cursor.TryDecode(Question, text, out _));

    [Fact]
    public void Moving_a_character_between_filters_makes_another_question()
    {
        Assert.NotEqual(Cursor.Question("packages", "ab", "c"), Cursor.Question("packages", "a", "bc"));
        Assert.NotEqual(Cursor.Question("packages", null, ""), Cursor.Question("packages", "", null));
    }
}
