using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Gateway.Tests.Parsing;

public class TokenAuthorizerTests
{
    private static readonly TokenAuthorizer Two = new([new(null, "first"), new("ci", "second")], anonymousRead: false);

    [Theory]
    [InlineData("Bearer second", "ci")]
    [InlineData("bearer second", "ci")]
    [InlineData("Bearer first", "token-a7937b64")]
    public void A_token_tells_who_is_asking(string header, string actor)
    {
        var caller = Two.Authenticate(header);
        Assert.Equal(actor, caller.Value!.Actor);
        Assert.False(caller.Value.Anonymous);
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ")]
    [InlineData("Bearer firs")]
    [InlineData("Bearer first2")]
    [InlineData("Basic second")]
    [InlineData("")]
    public void Anything_else_is_refused(string header) => Assert.Equal("unauthorized", Two.Authenticate(header).Error!.Code);

    [Theory]
    [InlineData(StoreAction.Read, true, true)]
    [InlineData(StoreAction.Write, true, false)]
    [InlineData(StoreAction.Administer, true, false)]
    [InlineData(StoreAction.Read, false, false)]
    public void Without_a_token_only_reading_may_be_open(StoreAction action, bool anonymousRead, bool allowed)
    {
        var authorizer = new TokenAuthorizer([], anonymousRead);
        var caller = authorizer.Authenticate(null);
        Assert.Equal(allowed, caller.Then<Principal>(anonymous => authorizer.Authorize(anonymous, action, new("package"))).Succeeded);
    }

    [Fact]
    public void A_wrong_token_is_refused_even_where_no_token_is_needed() =>
        Assert.False(new TokenAuthorizer([], anonymousRead: true).Authenticate("Bearer x").Succeeded);

    [Fact]
    public void A_token_does_not_print_its_secret() => Assert.DoesNotContain("secret", new AccessToken("ci", "secret").ToString());
}
