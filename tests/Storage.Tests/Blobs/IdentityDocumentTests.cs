using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Storage.Blobs;

namespace ArtifactStore.Storage.Tests.Blobs;

public class IdentityDocumentTests
{
    [Fact]
    public void Its_bytes_are_those_of_the_format_and_read_as_what_was_written()
    {
        var identity = new BackendIdentity(new Guid("01932f00-0000-7000-8000-000000000001"), 3);
        var bytes = IdentityDocument.Encode(identity);
        Assert.Equal(
            """{"format":"artifactstore-blobs/1","store_id":"01932f00-0000-7000-8000-000000000001","incarnation":3}"""u8.ToArray().Append((byte)'\n'), bytes);
        Assert.Equal(identity, IdentityDocument.Parse(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"store_id":"01932f00-0000-7000-8000-000000000001","incarnation":1}""")]
    [InlineData("""{"format":"artifactstore-blobs/1","store_id":"mine","incarnation":1}""")]
    [InlineData("""{"format":"artifactstore-blobs/1","store_id":"01932f00-0000-7000-8000-000000000001","incarnation":1.5}""")]
    public void What_is_no_identity_cannot_be_read(string text) =>
        Assert.Equal("that cannot be read", Assert.Throws<FormatException>(() => Parse(text)).Message);

    [Fact]
    public void A_later_format_is_named_as_such() =>
        Assert.Equal("of another format than artifactstore-blobs/1", Assert.Throws<FormatException>(() => Parse("""{"format":"artifactstore-blobs/2"}""")).Message);

    private static BackendIdentity Parse(string text) => IdentityDocument.Parse(System.Text.Encoding.UTF8.GetBytes(text));
}
