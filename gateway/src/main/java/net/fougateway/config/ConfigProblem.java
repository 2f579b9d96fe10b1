package net.fougateway.config;

/**
 * One mistake in the configuration.
 *
 * @param line in the file, from 1; 0 when the mistake is not in the file's text
 * @param path of the key, for example {@code peers[1].allowed_ips[0]}, or the environment variable or flag; empty for the file
 * @param message what is wrong and what to write instead
 */
public record ConfigProblem(int line, String path, String message) {

    /**
     * The mistake as a line of text.
     *
     * @param fileName name of the configuration file
     */
    public String render(String fileName) {
        String where = line > 0 ? fileName + ":" + line + ": " : path.isEmpty() ? fileName + ": " : "";
        return where + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
