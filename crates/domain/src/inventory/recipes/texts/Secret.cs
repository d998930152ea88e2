// dotnet add package AWSSDK.SecretsManager.Caching
using System;
?key? using System.Text.Json;
using System.Threading.Tasks;
using Amazon;
using Amazon.SecretsManager;
using Amazon.SecretsManager.Extensions.Caching;

/// <summary>Reads <<NAME>> from Secrets Manager, and keeps it in memory.</summary>
public sealed class Secret : IDisposable
{
    private const string SecretId = "<<ARN>>";
    private const uint TtlMilliseconds = 300_000;

    private readonly SecretsManagerCache cache = new SecretsManagerCache(new SecretCacheConfiguration
    {
        Client = new AmazonSecretsManagerClient(RegionEndpoint.GetBySystemName("<<REGION>>")),
        CacheItemTTL = TtlMilliseconds,
?stage?         VersionStage = "<<STAGE>>",
    });

    public async Task<string> ReadAsync()
    {
        string value = await cache.GetSecretString(SecretId);
?!key?         return value;
?key?         using JsonDocument json = JsonDocument.Parse(value);
?key?         return json.RootElement.GetProperty(<<KEY>>).GetString()
?key?             ?? throw new InvalidOperationException("The JSON has no such key.");
    }

    /// <summary>What connect returns; null is a refusal. Once more with a fresh value after one; a second is an error.</summary>
    public async Task<T> ConnectedAsync<T>(Func<string, Task<T>> connect) where T : class
    {
        T connection = await connect(await ReadAsync());
        if (connection != null)
        {
            return connection;
        }
        await cache.RefreshNowAsync(SecretId);
        return await connect(await ReadAsync())
            ?? throw new InvalidOperationException("The target refused the fresh value too.");
    }

    public void Dispose() => cache.Dispose();
}
