import js from '@eslint/js'
import tseslint from 'typescript-eslint'

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'export by name',
}

export default tseslint.config(
  { ignores: ['dist/', 'runs/', 'coverage/', 'bench/.peers/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', noDefaultExport],
      // Coefficients stand as their sources publish them, which may be more digits than a double holds.
      'no-loss-of-precision': 'off',
      // Components are plain objects whose methods use no `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A stream in a test may have nothing to wait for; matchers such as expect.stringContaining are any.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', { name: 'process', message: 'only src/cli touches the process' }],
    },
  },
  {
    files: ['src/cli/*.cjs', 'bin/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly' } },
  },
  {
    files: ['*.js', 'src/cli/*.cjs', 'bin/*.js', 'scripts/*.js', 'bench/peers/*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' },
    },
  },
  {
    files: ['src/exchange/web/page/*.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        Event: 'readonly',
        createImageBitmap: 'readonly',
        nnlabModel: 'readonly',
      },
    },
  },
  {
    files: ['*.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
)
