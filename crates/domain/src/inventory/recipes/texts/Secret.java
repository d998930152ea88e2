import com.amazonaws.secretsmanager.caching.SecretCache;
import com.amazonaws.secretsmanager.caching.SecretCacheConfiguration;
?key? import com.fasterxml.jackson.core.JsonProcessingException;
?key? import com.fasterxml.jackson.databind.JsonNode;
?key? import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Reads <<NAME>> from Secrets Manager, and keeps it in memory. */
public final class Secret implements AutoCloseable {
    private static final String SECRET_ID = "<<ARN>>";
    private static final long TTL_MILLISECONDS = 300_000;
?key?     private static final ObjectMapper JSON = new ObjectMapper();

    private final SecretCache cache = new SecretCache(
        new SecretCacheConfiguration()
            .withClient(SecretsManagerClient.builder().region(Region.of("<<REGION>>")).build())
?stage?             .withVersionStage("<<STAGE>>")
            .withCacheItemTTL(TTL_MILLISECONDS));

    public String read() {
        String value = cache.getSecretString(SECRET_ID);
?!key?         return value;
?key?         try {
?key?             JsonNode text = JSON.readTree(value).get(<<KEY>>);
?key?             if (text == null) {
?key?                 throw new IllegalStateException("The JSON has no such key.");
?key?             }
?key?             return text.asText();
?key?         } catch (JsonProcessingException error) {
?key?             // Its message quotes the value.
?key?             throw new IllegalStateException("The secret is not JSON.");
?key?         }
    }

    /** What connect returns; empty is a refusal. Once more with a fresh value after one; a second is an error. */
    public <C> C connected(Function<String, Optional<C>> connect)
            throws InterruptedException {
        Optional<C> connection = connect.apply(read());
        if (connection.isPresent()) {
            return connection.get();
        }
        cache.refreshNow(SECRET_ID);
        return connect.apply(read())
            .orElseThrow(() -> new IllegalStateException("The target refused the fresh value too."));
    }

    @Override
    public void close() {
        cache.close();
    }
}
