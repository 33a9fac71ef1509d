// SPDX-License-Identifier: Apache-2.0
// All tests of the API, in order: those of resources build on each other.
import './resources.mjs';
import './wire.mjs';
